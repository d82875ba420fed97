package.path = "./?.lua;" .. package.path
local common = require("common")

function init(args)
    wrk.path = "/api/stats?experimentId=" .. common.text(args[1], "stats.txt")
    wrk.headers["Authorization"] = "Bearer " .. common.text(args[1], "token.txt")
end
