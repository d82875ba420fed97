package.path = "./?.lua;" .. package.path
local common = require("common")
local experiment, visitors

function init(args)
    common.seed(3)
    experiment = common.text(args[1], "experiment.txt")
    visitors = common.visitors(args[1])
end

function request()
    return wrk.format("POST", "/api/events", common.json, common.event(visitors, experiment))
end
