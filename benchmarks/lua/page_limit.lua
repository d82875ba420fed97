wrk.path = "/page"
