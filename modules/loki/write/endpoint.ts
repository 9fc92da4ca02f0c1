import type { Env } from '@ingot/sdk'
import { Labels, LokiPushEncoder, formatLabels, selectLines, totalLineBytes, type LogsBatch } from '@ingot/telemetry'
import { Admission } from './admission.ts'
import type { EndpointArguments } from './arguments.ts'
import { Delivery, type Fate } from './delivery.ts'
import { EndpointMetrics } from './endpoint-metrics.ts'
import { Route, type PendingRequest } from './route.ts'
import { Sender, type WriteCapability } from './sender.ts'

/** An entry's tenant; never sent as a label. */
const tenantLabel = '__tenant_id__'
/** Tenants and shards with a queue of their own. */
const routesMax = 10_000

export interface EndpointOptions {
  readonly args: EndpointArguments
  readonly externalLabels: Readonly<Record<string, string>>
  readonly streamsMax: number
  readonly env: Env<WriteCapability>
  readonly sent: (entries: number) => void
  readonly dropped: (entries: number, reason: string) => void
  readonly health: (problem: string | undefined) => void
}

/** One endpoint: takes batches, settles each one's fate. */
export class Endpoint {
  readonly #options: EndpointOptions
  readonly #sender: Sender
  readonly #encoder: LokiPushEncoder
  readonly #metrics: EndpointMetrics
  readonly #routes = new Map<string, Route>()
  readonly #routeOf = new WeakMap<Labels, Route>()
  readonly #external: Labels
  readonly #hardStop = new AbortController()
  readonly #admission = new Admission()
  #stopping = false

  constructor(options: EndpointOptions) {
    const { args, env, externalLabels } = options
    this.#options = options
    this.#external = Labels.from(Object.entries(externalLabels))
    this.#encoder = new LokiPushEncoder((labels) => formatLabels(this.#sentLabels(labels)))
    this.#metrics = new EndpointMetrics(env, args)
    this.#sender = new Sender(args, env, (tenant, why) => {
      this.#metrics.retried(tenant)
      options.health(`entries could not be sent, trying again: ${why}`)
    })
  }

  /** Resolves when the fate of all entries is settled. While the queue is full, batches wait in their order. */
  deliver(batch: LogsBatch): Promise<Fate> {
    const { capacity, block_on_overflow: waits } = this.#options.args.queue_config
    const bytes = totalLineBytes(batch)
    if (this.#hardStop.signal.aborted || batch.count === 0) return Promise.resolve(refusal(batch))
    const fits = this.#admission.fits(bytes, capacity)
    if (!fits && !waits) return Promise.resolve(this.#overflow(batch))
    return new Promise<Fate>((resolve) => {
      // Routed within the admission, so that no later batch comes before it.
      this.#admission.enter(bytes, capacity, (admitted) => {
        if (!admitted) return resolve(refusal(batch))
        const settle = (fate: Fate) => {
          this.#admission.leave(bytes, capacity)
          resolve(fate)
        }
        this.#route(batch, new Delivery(batch.count, settle))
      })
    })
  }

  /** Sends what waits; after `withinMs` the rest is refused. Resolves when nothing is pending. */
  async stop(withinMs: number): Promise<void> {
    this.#stopping = true
    for (const route of this.#routes.values()) route.flush()
    const done = new AbortController()
    void this.#options.env.clock.sleep(withinMs, { signal: done.signal }).then(
      () => this.#abort(),
      () => undefined,
    )
    await this.#admission.emptied()
    done.abort()
    this.#abort()
  }

  #abort(): void {
    this.#hardStop.abort()
    this.#admission.close()
  }

  #route(batch: LogsBatch, delivery: Delivery): void {
    const { streams, streamIds } = batch
    const routes = streams.map((labels) => this.#routeFor(labels))
    const used = new Set(routes)
    if (used.size === 1 && routes[0]) routes[0].add(batch, delivery)
    else {
      for (const route of used) {
        const indices: number[] = []
        for (let i = 0; i < batch.count; i++) if (routes[streamIds[i]!] === route) indices.push(i)
        if (indices.length === 0) continue
        if (route) route.add(selectLines(batch, indices), delivery)
        else {
          this.#options.dropped(indices.length, 'too_many_tenants')
          delivery.dropped(indices.length, 'too_many_tenants')
        }
      }
    }
    if (this.#stopping) for (const route of used) route?.flush()
  }

  /** `undefined` when there are too many tenants. */
  #routeFor(labels: Labels): Route | undefined {
    const known = this.#routeOf.get(labels)
    if (known) return known
    const { args, env } = this.#options
    const shards = args.queue_config.min_shards
    const tenant = labels.get(tenantLabel) ?? args.tenant_id ?? ''
    const key = `${shards > 1 ? hash(labels.key) % shards : 0}/${tenant}`
    let route = this.#routes.get(key)
    if (!route) {
      if (this.#routes.size >= routesMax) return undefined
      route = new Route({
        tenant,
        bytesMax: args.batch_size,
        waitMs: args.batch_wait,
        clock: env.clock,
        send: (request) => this.#send(request),
      })
      this.#routes.set(key, route)
    }
    this.#routeOf.set(labels, route)
    return route
  }

  async #send(whole: PendingRequest): Promise<void> {
    const request = this.#options.streamsMax > 0 ? this.#limitStreams(whole) : whole
    if (request.entries === 0) return
    const { clock, codec } = this.#options.env
    const started = clock.monotonic()
    // The kernel's memory is used again by the next call, and the request outlives it.
    const body = codec.snappy(this.#encoder.encode(request.parts)).slice()
    const result = await this.#sender.send(body, request.tenant, this.#hardStop.signal)
    if (result.status === 'stopped') {
      for (const { delivery, from, to } of request.parts) delivery.refused(to - from)
      return
    }
    if (result.status === 'sent') {
      this.#options.sent(request.entries)
      this.#options.health(undefined)
      this.#metrics.sent(request, body.length, clock.monotonic() - started)
      for (const { delivery, from, to } of request.parts) delivery.sent(to - from)
      return
    }
    this.#options.health(`entries were dropped: ${result.message}`)
    this.#drop(request, result.reason)
  }

  #drop(request: PendingRequest, reason: string): void {
    this.#options.dropped(request.entries, reason)
    this.#metrics.dropped(request, reason)
    for (const { delivery, from, to } of request.parts) delivery.dropped(to - from, reason)
  }

  #overflow(batch: LogsBatch): Fate {
    const reason = 'queue_is_full'
    this.#options.dropped(batch.count, reason)
    return { sent: 0, dropped: batch.count, refused: 0, reason }
  }

  /** Drops the entries of streams beyond the most that a request may have. */
  #limitStreams(request: PendingRequest): PendingRequest {
    const texts = new Set<string>()
    const kept: PendingRequest['parts'][number][] = []
    const over: PendingRequest['parts'][number][] = []
    for (const part of request.parts) {
      const { batch, delivery } = part
      const allowed = batch.streams.map((labels) => {
        const text = this.#encoder.textOf(labels)
        if (texts.size < this.#options.streamsMax) texts.add(text)
        return texts.has(text)
      })
      const pick = (want: boolean) => {
        const indices: number[] = []
        for (let i = part.from; i < part.to; i++) if (allowed[batch.streamIds[i]!] === want) indices.push(i)
        return { batch: selectLines(batch, indices), from: 0, to: indices.length, delivery }
      }
      if (allowed.every(Boolean)) kept.push(part)
      else {
        kept.push(pick(true))
        over.push(pick(false))
      }
    }
    const rest = over.filter(({ to }) => to > 0)
    if (rest.length > 0) this.#drop(requestOf(request.tenant, rest), 'stream_limited')
    return requestOf(
      request.tenant,
      kept.filter(({ from, to }) => to > from),
    )
  }

  #sentLabels(labels: Labels): Labels {
    const own = [...labels.entries()].filter(([name]) => name !== tenantLabel)
    return Labels.from([...this.#external.entries(), ...own])
  }
}

function refusal(batch: LogsBatch): Fate {
  return { sent: 0, dropped: 0, refused: batch.count, reason: 'stopped' }
}

function requestOf(tenant: string, parts: PendingRequest['parts']): PendingRequest {
  let entries = 0
  let lineBytes = 0
  for (const { batch, from, to } of parts) {
    entries += to - from
    for (let i = from; i < to; i++) lineBytes += batch.ends[i]! - batch.starts[i]!
  }
  return { tenant, parts, entries, lineBytes }
}

function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value >>> 0
}
