"""The same index over the shards of an OpenSearch cluster, for archives that one machine does not hold.

    address --connection--> cluster
    documents --layout, words--> what the cluster keeps: tokens at their positions, values, the text
    query --understanding--> plan --clauses, conditions--> a query that matches and scores alike --ranking--> a page
                              '-- of the words that `view` knows

Texts and queries are analysed here; the cluster intersects, ranks and counts. `index` is the door.
"""
