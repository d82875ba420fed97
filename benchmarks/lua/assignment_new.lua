package.path = "./?.lua;" .. package.path
local common = require("common")
local experiment

function init(args)
    common.seed(1)
    experiment = common.text(args[1], "experiment.txt")
end

function request()
    local body = '{"visitorId":"' .. common.uuid() .. '","experimentId":"' .. experiment .. '"}'
    return wrk.format("POST", "/api/assignments", common.json, body)
end
