import type { Limits } from '@ingot/sandbox'
import type { ImportLimits } from './config-blocks.ts'

/** The `limits` block of an import as limits of its components' runners. */
export function importLimits(block: ImportLimits | undefined): Partial<Limits> {
  const { memory, batch_deadline: batchDeadlineMs, turn_timeout: turnTimeoutMs, cpu_share: cpuShare } = block ?? {}
  return {
    ...(memory !== undefined && { memoryMiB: Math.floor(memory / 2 ** 20) }),
    ...(batchDeadlineMs !== undefined && { batchDeadlineMs }),
    ...(turnTimeoutMs !== undefined && { turnTimeoutMs }),
    ...(cpuShare !== undefined && { cpuShare }),
  }
}
