import { dsseEnvelope } from '../dsse.ts'
import { z } from 'zod'
import { inclusionDocument } from './log-reader.ts'

/** What a registry sends about a version: its statement, and where that stands in its log. */
export const bundleDocument = z.looseObject({ statement: dsseEnvelope, inclusion: inclusionDocument.optional() })
export type Bundle = z.infer<typeof bundleDocument>
