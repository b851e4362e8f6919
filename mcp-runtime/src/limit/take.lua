-- Takes tokens out of the bucket KEYS[1]. ARGV: the time after which a token comes back, in microseconds; the burst; the cost.
-- Returns 0, or the microseconds after which the bucket will hold enough. The time is that of the server, for all processes.
-- What is kept is the time at which the bucket is full again; the key expires then.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now) + ARGV[1] * ARGV[3]
local wait = full - now - ARGV[1] * ARGV[2]
if wait > 0 then
  return math.ceil(wait)
end
redis.call('SET', KEYS[1], string.format('%.3f', full), 'PX', math.ceil((full - now) / 1000))
return 0
