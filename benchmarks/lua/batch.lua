package.path = "./?.lua;" .. package.path
local common = require("common")
local experiment, visitors

function init(args)
    common.seed(4)
    experiment = common.text(args[1], "experiment.txt")
    visitors = common.visitors(args[1])
end

function request()
    local events = {}
    for n = 1, 50 do events[n] = common.event(visitors, experiment) end
    local body = '{"events":[' .. table.concat(events, ",") .. "]}"
    return wrk.format("POST", "/api/events/batch", common.json, body)
end
