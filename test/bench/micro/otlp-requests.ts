import { ProtobufWriter } from '@ingot/telemetry'

export const spansPerRequest = 100

/** The workload O1 of performance.md: 100 spans, 2 resources, 8 attributes, about 394 bytes a span. */
export function traceRequest(seed = 0): Uint8Array<ArrayBuffer> {
  const writer = new ProtobufWriter(64 * 1024)
  for (let resource = 0; resource < 2; resource++) {
    const resourceSpans = writer.begin(1)
    const attributes = writer.begin(1)
    writeAttribute(writer, 1, 'service.name', `checkout-${resource}`)
    writeAttribute(writer, 1, 'host.name', `node-${resource}.example`)
    writer.end(attributes)
    const scopeSpans = writer.begin(2)
    for (let i = 0; i < spansPerRequest / 2; i++) writeSpan(writer, seed * 1000 + resource * 100 + i)
    writer.end(scopeSpans)
    writer.end(resourceSpans)
  }
  return writer.finish()
}

function writeSpan(writer: ProtobufWriter, n: number): void {
  const span = writer.begin(2)
  writer.bytesField(1, new Uint8Array(16).fill(n + 1))
  writer.bytesField(2, new Uint8Array(8).fill(n + 2))
  writer.bytesField(4, new Uint8Array(8).fill(n + 3))
  writer.stringField(5, `GET /api/orders/{id}/items/${n % 17}`)
  writer.uintField(6, 2)
  writer.fixed64Field(7, n, 0x17a0_0000)
  writer.fixed64Field(8, n + 5000, 0x17a0_0000)
  writeAttribute(writer, 9, 'http.request.method', 'GET')
  writeAttribute(writer, 9, 'http.route', '/api/orders/{id}/items')
  writeAttribute(writer, 9, 'url.path', `/api/orders/${n}/items`)
  writeAttribute(writer, 9, 'user_agent.original', 'Mozilla/5.0 (X11; Linux x86_64)')
  writeAttribute(writer, 9, 'server.address', 'orders.example')
  writeAttribute(writer, 9, 'network.protocol.version', '1.1')
  for (const [key, value] of [
    ['http.response.status_code', 200],
    ['thread.id', n % 64],
  ] as const) {
    const attribute = writer.begin(9)
    writer.stringField(1, key)
    const inner = writer.begin(2)
    writer.int64Field(3, value)
    writer.end(inner)
    writer.end(attribute)
  }
  const status = writer.begin(15)
  writer.uintField(3, 1)
  writer.end(status)
  writer.end(span)
}

function writeAttribute(writer: ProtobufWriter, field: number, key: string, value: string): void {
  const attribute = writer.begin(field)
  writer.stringField(1, key)
  const inner = writer.begin(2)
  writer.stringField(1, value)
  writer.end(inner)
  writer.end(attribute)
}
