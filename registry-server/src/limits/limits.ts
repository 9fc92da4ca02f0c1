import type { FastifyReply } from 'fastify'
import { userOf, type Principal } from '../access/principal.ts'
import { addressKey } from '../accounts/attempts.ts'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'
import type { Bucket } from '../storage/meta/bucket-store.ts'

const minuteMs = 60_000

/**
 * What one user may do to modules, with all their tokens and sessions together, and what one address may tell
 * (registry.md §2.8).
 */
export const defaultLimits = {
  new_module: { burst: 5, refillMs: 10 * minuteMs },
  version: { burst: 30, refillMs: minuteMs },
  change: { burst: 100, refillMs: minuteMs },
  report: { burst: 5, refillMs: 10 * minuteMs },
} as const satisfies Record<string, Bucket>

type LimitName = keyof typeof defaultLimits
export type Limits = Readonly<Record<LimitName, Bucket>>

/**
 * Takes one of what somebody may do. The operator's own tokens have no user, and no limit.
 * @throws Problem `rate_limited`
 */
export async function takeLimit(
  registry: Registry,
  name: LimitName,
  principal: Principal,
  reply: FastifyReply,
  now = registry.clock(),
): Promise<void> {
  const user = userOf(principal)
  if (!user) return
  await take(registry, name, `user:${user.id}`, reply, now)
}

/**
 * Takes one of what one address may do, whoever asks from it.
 * @throws Problem `rate_limited`
 */
export function takeAddressLimit(
  registry: Registry,
  name: LimitName,
  ip: string,
  reply: FastifyReply,
  now = registry.clock(),
): Promise<void> {
  // An address of somebody who does not say who they are is not stored as it is.
  return take(registry, name, `address:${registry.seal.pseudonym(addressKey(ip))}`, reply, now)
}

async function take(registry: Registry, name: LimitName, whose: string, reply: FastifyReply, now: Date): Promise<void> {
  const bucket = registry.limits[name]
  const { allowed, remaining, waitMs } = await registry.meta.buckets.take(`${name} ${whose}`, bucket, now)
  const seconds = Math.ceil(waitMs / 1000)
  const headers = {
    'ratelimit-policy': `"${name}";q=${bucket.burst};w=${Math.ceil((bucket.burst * bucket.refillMs) / 1000)}`,
    ratelimit: `"${name}";r=${remaining};t=${seconds}`,
  }
  void reply.headers(headers)
  if (allowed) return
  throw new Problem(
    'rate_limited',
    `Cannot do that now: too often within a short time, want ${seconds} s of patience`,
    {
      headers: { ...headers, 'retry-after': String(seconds) },
    },
  )
}
