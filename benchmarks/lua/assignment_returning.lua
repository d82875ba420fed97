package.path = "./?.lua;" .. package.path
local common = require("common")
local experiment, visitors

function init(args)
    common.seed(2)
    experiment = common.text(args[1], "experiment.txt")
    visitors = common.visitors(args[1])
end

function request()
    local visitor = visitors[math.random(#visitors)][1]
    local body = '{"visitorId":"' .. visitor .. '","experimentId":"' .. experiment .. '"}'
    return wrk.format("POST", "/api/assignments", common.json, body)
end
