import type { JsonSchema } from '@ingot/manifest'
import { z } from 'zod'

/**
 * The JSON Schemas of a component's arguments (as the configuration gives them) and exports (as dependents see them).
 * The zod schemas come from the component's own bundle, with its own copy of zod: conversion looks only at their
 * definitions, and marks lie in the registry that all copies share.
 */
export function argumentsSchema(schema: z.ZodType): JsonSchema {
  return convert(schema, 'input')
}

export function exportsSchema(schema: z.ZodType | undefined): JsonSchema {
  return schema ? convert(schema, 'output') : { type: 'object', properties: {}, additionalProperties: false }
}

function convert(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const converted = z.toJSONSchema(schema, { io, unrepresentable: 'any', cycles: 'ref', reused: 'inline' })
  // A plain copy: the converter leaves hidden members behind.
  return JSON.parse(JSON.stringify(converted)) as JsonSchema
}
