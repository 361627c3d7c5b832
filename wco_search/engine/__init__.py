"""The engine: an index's files, its postings, and the evaluation of queries. Only here is Whoosh imported.

storage      files, commits, what a crash leaves      the only place that touches an index's files, with
               disk         replacing, syncing, the write lock
               array_files  arrays written, checked, mapped
               manifest     what a commit holds
strings      many strings as two arrays
columns      a value a document
segment      the layout of a commit's arrays
build        documents -> segment, segments -> segment
snapshot     one commit, ready to be searched
score        the formulas
plan         what a query asks of one index
compile      query tree -> plan                       (expansion: patterns; value_tests: what is no text)
loops        whether the inner loops are compiled, and the door to them
lists        the posting lists of what a plan names   (posting_lists: one of them)
topk         lists -> the best, most documents unseen (proximity: neighbours that stand near each other)
exhaustive   plan -> every match and its exact score
selection    matches as bitmaps, for what is counted
ranking      matches -> page, facets, cursor
writer       additions and deletions -> commit
check        whether a segment's arrays fit each other
"""
