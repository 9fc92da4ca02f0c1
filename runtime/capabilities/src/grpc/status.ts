/** Status codes of gRPC that this side gives. https://github.com/grpc/grpc/blob/master/doc/statuscodes.md */
export const grpcStatus = {
  ok: 0,
  unknown: 2,
  invalidArgument: 3,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const

/** The status that a response without one stands for. https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md */
export function statusOfHttp(status: number): number {
  if (status === 400) return grpcStatus.internal
  if (status === 401) return grpcStatus.unauthenticated
  if (status === 403) return grpcStatus.permissionDenied
  if (status === 404) return grpcStatus.unimplemented
  if (status === 429 || status === 502 || status === 503 || status === 504) return grpcStatus.unavailable
  return grpcStatus.unknown
}

/** `grpc-message` is percent-encoded UTF-8; what cannot be decoded is shown as it came. */
export function decodeDetails(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

export function encodeDetails(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) =>
      byte >= 0x20 && byte <= 0x7e && byte !== 0x25
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('')
}
