import type { FastifyReply, FastifyRequest } from 'fastify'
import { matchesEntityTag } from './entity-tag.ts'
import { chosenEncoding, encodedTextMin, type EncodedTexts } from './encoded-texts.ts'

export interface TaggedText {
  readonly text: string
  /** Strong, and made from the text. */
  readonly etag: string
  readonly type: string
}

/**
 * Answers with a text: not at all where the client has it, else compressed as it likes. A compressed one has a tag of its
 * own, as the bytes are others.
 */
export async function sendText(
  request: FastifyRequest,
  reply: FastifyReply,
  encoded: EncodedTexts,
  { text, etag, type }: TaggedText,
): Promise<FastifyReply> {
  const long = text.length >= encodedTextMin
  const encoding = long ? chosenEncoding(request.headers['accept-encoding'] as string | undefined) : undefined
  const tag = encoding === undefined ? etag : `${etag.slice(0, -1)}-${encoding}"`
  reply.header('etag', tag)
  if (long) reply.header('vary', 'Accept-Encoding')
  if (matchesEntityTag(request.headers['if-none-match'], tag)) return reply.code(304).send()
  reply.type(type)
  if (encoding === undefined) return reply.send(text)
  reply.header('content-encoding', encoding)
  return reply.send(await encoded.encode(encoding, etag, text))
}
