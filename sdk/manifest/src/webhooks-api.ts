/** What a registry answers about webhooks: whom it tells what has happened, and what came of it. */
import { z } from 'zod'

/** What can be told. `capability_increase`: a publish that may do more; `stage`: a version waits for people. */
export const webhookEvent = z.enum([
  'publish',
  'capability_increase',
  'stage',
  'yank',
  'unyank',
  'deprecate',
  'tag',
  'quarantine',
  'release',
  'tombstone',
  'advisory',
  'owner',
  'policy',
  'proof',
  'key',
])
export type WebhookEvent = z.infer<typeof webhookEvent>

export const webhookDescription = z.object({
  id: z.string(),
  /** `@acme`; `null`: everything that anyone may see. */
  scope: z.string().nullable(),
  url: z.string(),
  description: z.string(),
  events: z.array(webhookEvent),
  createdAt: z.string(),
  createdBy: z.string(),
  /** Until when the secret before the present one is signed with too. */
  formerSecretUntil: z.string().nullable(),
  /** Since when nothing has arrived. */
  failingSince: z.string().nullable(),
  /** Deliveries that are still to be made, and events that found no room among them. */
  waiting: z.int(),
  dropped: z.int(),
  disabledAt: z.string().nullable(),
  disabledBecause: z.string().nullable(),
})
export type WebhookDescription = z.infer<typeof webhookDescription>

/** The secret is shown this once. */
export const newWebhookAnswer = webhookDescription.extend({ secret: z.string() })

export const webhookDelivery = z.object({
  /** What `webhook-id` says, however often it is sent. */
  id: z.string(),
  type: z.string(),
  body: z.string(),
  createdAt: z.string(),
  state: z.enum(['waiting', 'delivered', 'failed']),
  attempts: z.int(),
  /** When it is sent next, where it waits. */
  dueAt: z.string().nullable(),
  attemptedAt: z.string().nullable(),
  /** Of the last attempt: the status, or what went wrong, and the beginning of the answer. */
  status: z.int().nullable(),
  failure: z.string().nullable(),
  response: z.string().nullable(),
})
export type WebhookDelivery = z.infer<typeof webhookDelivery>
