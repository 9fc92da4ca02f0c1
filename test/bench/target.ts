/**
 * A scrape target of many series in a process of its own: `target.ts <series>`. Lines as kube-state-metrics, cAdvisor,
 * node_exporter and histograms have them, 217 bytes on average; 40 % of the values change from scrape to scrape.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const seriesCount = Number(process.argv[2] ?? 100_000)
/** Scrapes are served from as many bodies made beforehand, in turn: making them costs nothing while measuring. */
const variants = 5

const hash = (text: string): string => {
  let state = 2_166_136_261
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 16_777_619) >>> 0
  return state.toString(16).padStart(8, '0')
}

function line(i: number, variant: number): string {
  const changing = i % 5 < 2 ? variant : 0
  const pod = `checkout-service-${hash(`rs${i % 97}`).slice(0, 8)}-${hash(`pod${i % 499}`).slice(0, 5)}`
  switch (i % 4) {
    case 0:
      return `kube_pod_container_status_ready{namespace="team-${i % 40}",pod="${pod}",uid="${hash(`u${i}`)}-${hash(`v${i}`).slice(0, 4)}-4a7b-9c1d-${hash(`w${i}`)}",container="app-${i}"} ${(i + changing) % 2}`
    case 1:
      return `container_cpu_usage_seconds_total{container="app",cpu="total",id="/kubepods/burstable/pod${hash(`u${i}`)}/${hash(`c${i}`)}${hash(`d${i}`)}",image="registry.example/app:v1.${i % 30}",name="k8s_app_${i}",namespace="team-${i % 40}",pod="${pod}"} ${((i * 7.31 + changing * 0.173) % 100_000).toFixed(6)}`
    case 2:
      return `node_network_receive_bytes_total{device="eth${i % 8}",instance="ip-10-${i % 200}-${(i >> 8) % 200}-17.eu-central-1.compute.internal",zone="eu-central-1${'abc'[i % 3]}",nodepool="general-purpose-${i % 12}",interface_id="eni-${hash(`n${i}`)}"} ${(i * 1_000_003 + changing * 1517) % 9_007_199_254}`
    default:
      return `http_request_duration_seconds_bucket{service="checkout-${i % 60}",method="POST",route="/api/v2/orders/{id}/items/${i}",status="200",region="eu-central-1",version="2026.11.${i % 28}",le="${[0.005, 0.01, 0.05, 0.1, 0.5, 1, 5][i % 7]}"} ${i * 3 + changing * 11}`
  }
}

const bodies = Array.from({ length: variants }, (_, variant) => {
  const lines = ['# TYPE kube_pod_container_status_ready gauge', '# TYPE container_cpu_usage_seconds_total counter']
  for (let i = 0; i < seriesCount; i++) lines.push(line(i, variant))
  return Buffer.from(`${lines.join('\n')}\n`)
})
let scrapes = 0
const server = createServer((request, response) => {
  if (request.url === '/scrapes') {
    response.end(String(scrapes))
    return
  }
  const body = bodies[scrapes++ % variants]!
  response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'content-length': body.length })
  response.end(body)
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
