"""Two lists put together as one."""

from wco_search.engine._compiled.arrays cimport Numbers
from wco_search.engine._compiled.lists cimport Member
from wco_search.engine._compiled.places cimport Places


cdef tuple united_pair(Places places, const Member* members, const Numbers* spans)
