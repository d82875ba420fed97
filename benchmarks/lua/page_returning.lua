package.path = "./?.lua;" .. package.path
local common = require("common")

function init(args)
    wrk.path = "/"
    wrk.headers["Cookie"] = common.text(args[1], "cookie.txt")
end
