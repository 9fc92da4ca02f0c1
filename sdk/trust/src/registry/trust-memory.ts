import { z } from 'zod'
import { dsseEnvelope } from '../dsse.ts'

/** What was last believed of a registry. */
export const remembered = z.strictObject({
  /** The newest root document that was believed. */
  root: dsseEnvelope.optional(),
  /** The newest checkpoint of the log, as the registry signed it. */
  checkpoint: z.string().optional(),
  /** How far the log was when each module's index was last read. */
  indexes: z.record(z.string(), z.int()).default({}),
})
export type Remembered = z.infer<typeof remembered>

/** Keeps what was believed of a registry. */
export interface TrustMemory {
  read(): Promise<Remembered>
  /** What `change` throws leaves everything as it is. */
  update(change: (known: Remembered) => Remembered): Promise<void>
  /** @returns where. */
  keepEvidence(evidence: object): Promise<string>
}

/** Remembers nothing but what one reader has seen: for copies of a registry, which may be older than what was seen of it. */
export class VolatileMemory implements TrustMemory {
  #known: Remembered = { indexes: {} }

  async read(): Promise<Remembered> {
    return this.#known
  }

  async update(change: (known: Remembered) => Remembered): Promise<void> {
    this.#known = change(this.#known)
  }

  async keepEvidence(): Promise<string> {
    return 'nowhere'
  }
}
