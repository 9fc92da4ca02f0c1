import { isCapabilityError, refused, type Clock, type Outcome, type Random } from '@ingot/sdk'

/** Back-off as the `retry_on_failure` block describes it. Times in milliseconds. */
export interface RetryOptions {
  readonly enabled: boolean
  readonly initial_interval: number
  readonly randomization_factor: number
  readonly multiplier: number
  readonly max_interval: number
  /** 0: without end. */
  readonly max_elapsed_time: number
}

/** What became of one attempt: an outcome, or a failure that may pass. */
export type Attempt = { readonly outcome: Outcome } | { readonly failure: string; readonly retryAfterMs?: number }

export interface RetryEnv {
  readonly clock: Clock
  readonly random: Random
}

/**
 * Tries until there is an outcome. A time that the remote names wins over a shorter back-off. Without `enabled`, and
 * when told to stop, the batch is refused: it is its sender's again. When `max_elapsed_time` is over, `giveUp` decides.
 */
export async function sendWithRetry(
  options: RetryOptions,
  env: RetryEnv,
  signal: AbortSignal,
  attempt: () => Promise<Attempt>,
  onFailure: (failure: string, waitMs: number | undefined) => void,
  giveUp: (failure: string) => Outcome,
): Promise<Outcome> {
  const startedAt = env.clock.monotonic()
  let interval = options.initial_interval
  for (;;) {
    const result = await attempt()
    if ('outcome' in result) return result.outcome
    if (signal.aborted) return refused('stopped')
    if (!options.enabled) {
      onFailure(result.failure, undefined)
      return refused('remote_failed', result.retryAfterMs)
    }
    const spread = options.randomization_factor * interval
    const waitMs = Math.max(interval - spread + env.random.float() * 2 * spread, result.retryAfterMs ?? 0)
    const elapsed = env.clock.monotonic() - startedAt
    if (options.max_elapsed_time > 0 && elapsed + waitMs > options.max_elapsed_time) {
      onFailure(result.failure, undefined)
      return giveUp(result.failure)
    }
    onFailure(result.failure, waitMs)
    interval = Math.min(interval * options.multiplier, options.max_interval)
    try {
      await env.clock.sleep(waitMs, { signal })
    } catch (error) {
      if (isCapabilityError(error, 'aborted')) return refused('stopped')
      throw error
    }
  }
}
