import { readFileSync } from 'node:fs'
import { arch, hostname, machine, platform, release, type, version } from 'node:os'
import type { HostStats } from '@ingot/sdk'
import type { Access } from '../access/access.ts'

export function createHostStats(access: Access): HostStats {
  return {
    platform: platform(),
    hostname: hostname(),
    uname() {
      access.used('host.stats')
      return {
        sysname: type(),
        release: release(),
        version: version(),
        machine: machine() || arch(),
        nodename: hostname(),
        domainname: domainName(),
      }
    },
  }
}

/** `uname(2)`'s domainname, which Node.js does not show; `(none)` is the kernel's word for an unset one. */
function domainName(): string {
  try {
    return readFileSync('/proc/sys/kernel/domainname', 'utf8').trim()
  } catch {
    return '(none)'
  }
}
