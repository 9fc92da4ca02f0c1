/** The cookie that a browser keeps of a session. No script can read it, and no other site's form or link that writes sends it. */
export const sessionCookie = {
  name: 'ingot_session',

  read(header: string | undefined): string | undefined {
    const pairs = (header ?? '').split(';').map((pair) => pair.trim())
    const found = pairs.find((pair) => pair.startsWith(`${this.name}=`))
    return found?.slice(this.name.length + 1)
  },

  /** `set-cookie` for a session that ends at `expiresAt`. */
  write(secret: string, expiresAt: string, secure: boolean): string {
    const expires = new Date(expiresAt).toUTCString()
    return `${this.name}=${secret}; Path=/; Expires=${expires}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`
  },

  clear(secure: boolean): string {
    return this.write('', new Date(0).toISOString(), secure)
  },
}
