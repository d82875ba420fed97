wrk.path = "/two-bytes"
