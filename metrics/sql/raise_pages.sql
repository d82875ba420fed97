-- Raise the counts of pages shown by what a process gathered since it last wrote.
INSERT INTO metrics_pagecount AS p (experiment_id, day, reason, slot, pages)
SELECT experiment_id, day, reason, %(slot)s, pages
FROM unnest(
    %(experiments)s::uuid[], %(days)s::date[], %(reasons)s::text[], %(pages)s::bigint[]
) AS i (experiment_id, day, reason, pages)
-- In key order: two processes of one slot wait for each other in one order.
ORDER BY experiment_id, day, reason
ON CONFLICT (experiment_id, day, reason, slot) DO UPDATE SET pages = p.pages + EXCLUDED.pages;
