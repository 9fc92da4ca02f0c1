import { ProtobufError, ProtobufReader } from '../protobuf/protobuf-reader.ts'
import { ProtobufWriter } from '../protobuf/protobuf-writer.ts'

/** `google.rpc.Status`: what OTLP/HTTP answers when it fails. `code` is a gRPC status code. */
export interface RpcStatus {
  readonly code: number
  readonly message: string
}

export function encodeRpcStatus({ code, message }: RpcStatus): Uint8Array {
  const writer = new ProtobufWriter(16 + message.length)
  if (code !== 0) writer.int64Field(1, code)
  if (message !== '') writer.stringField(2, message)
  return writer.finish()
}

export function encodeRpcStatusJson({ code, message }: RpcStatus): string {
  return JSON.stringify({ code, message })
}

/** The message of a status that a server sent with an error; undefined when the bytes are none. */
export function decodeRpcStatus(bytes: Uint8Array): RpcStatus | undefined {
  let code = 0
  let message = ''
  try {
    const reader = new ProtobufReader(bytes)
    while (reader.next()) {
      if (reader.field === 1 && reader.wire === 0) code = reader.int64()
      else if (reader.field === 2 && reader.wire === 2) message = reader.string()
      else reader.skip()
    }
  } catch (error) {
    if (error instanceof ProtobufError) return undefined
    throw error
  }
  return { code, message }
}
