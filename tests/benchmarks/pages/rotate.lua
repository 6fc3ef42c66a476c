-- For wrk: sends the requests of the file args[1] in turn, one line each: method, path, cookies, body, apart by tabs.
local requests, n = {}, 0

function init(args)
  for line in io.lines(args[1]) do
    local method, path, cookies, body = line:match("^(.-)\t(.-)\t(.-)\t(.*)$")
    local headers = { ["Accept"] = "text/html", ["Accept-Encoding"] = "gzip", ["Accept-Language"] = "en-GB" }
    if cookies ~= "" then headers["Cookie"] = cookies end
    if body ~= "" then headers["Content-Type"] = "application/x-www-form-urlencoded" end
    requests[#requests + 1] = wrk.format(method, path, headers, body ~= "" and body or nil)
  end
end

function request()
  n = n + 1
  return requests[n % #requests + 1]
end

function done(summary, latency)
  local e = summary.errors
  local broken = e.connect + e.read + e.write + e.status + e.timeout
  io.write(string.format('RESULT {"requests": %d, "seconds": %.4f, "p50_ms": %.3f, "p99_ms": %.3f, "broken": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, broken))
end
