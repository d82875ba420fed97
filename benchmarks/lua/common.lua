-- Ids and bodies for the scripts beside this one. `data` is the folder that the benchmark filled.
local common = {}


-- A random UUID (version 4), made from five draws.
function common.uuid()
    local random = math.random
    local a, b, c, d, e = random(0, 65535), random(0, 65535), random(0, 65535), random(0, 65535), random(0, 65535)
    return string.format("%04x%04x-%04x-4%03x-a%03x-%04x%04x%04x",
        a, b, c, d % 4096, e % 4096, random(0, 65535), random(0, 65535), random(0, 65535))
end

function common.seed(id)
    math.randomseed(os.time() * 1000 + id)
end

-- Lines of visitors.csv: visitor id, variant id.
function common.visitors(data)
    local visitors = {}
    for line in io.lines(data .. "/visitors.csv") do
        visitors[#visitors + 1] = {line:sub(1, 36), line:sub(38, 73)}
    end
    return visitors
end

function common.text(data, name)
    local file = assert(io.open(data .. "/" .. name))
    local text = file:read("*l")
    file:close()
    return text
end

local types = {"page_view", "scroll_depth", "cta_click", "click"}

function common.event(visitors, experiment)
    local visitor = visitors[math.random(#visitors)]
    return '{"id":"' .. common.uuid() .. '","visitorId":"' .. visitor[1]
        .. '","experimentId":"' .. experiment .. '","variantId":"' .. visitor[2]
        .. '","eventType":"' .. types[math.random(4)] .. '","metadata":{"depth":50}}'
end

common.json = {["Content-Type"] = "application/json"}

return common
