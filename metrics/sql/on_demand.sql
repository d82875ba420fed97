-- For the rest of the transaction: statements that take too long are broken off, and joins are
-- made by hashing, since reading a whole table's rows one by one would take minutes.
SELECT set_config('statement_timeout', %(milliseconds)s, true),
    set_config('work_mem', '64MB', true),
    set_config('enable_nestloop', 'off', true);
