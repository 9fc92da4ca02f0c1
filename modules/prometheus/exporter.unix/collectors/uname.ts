import type { Collector } from '../collectors.ts'

/** `node_uname_info`, from uname(2). */
export const collectUname: Collector = (out, { host }) => {
  out.gauge('node_uname_info', 'Labeled system information as provided by the uname system call.', 1, {
    ...host.uname(),
  })
}
