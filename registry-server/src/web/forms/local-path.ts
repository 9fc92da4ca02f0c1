import { z } from 'zod'

const charactersMax = 500

/** Where to go on: a page of this registry, whoever has written the link. */
export const localPath = z
  .string()
  .max(charactersMax)
  .regex(/^\/(?![/\\])[^\\]*$/)
  .catch('/account')
