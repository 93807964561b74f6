export interface PemBlock {
  /** `CERTIFICATE`, `PRIVATE KEY`, `EC PRIVATE KEY`, … */
  label: string
  der: Uint8Array<ArrayBuffer>
  /** Header lines above the base64, such as `Proc-Type: 4,ENCRYPTED`. */
  headers: string
}

/** The blocks of a PEM text (RFC 7468), in order; other text between them is ignored. */
export function readPem(text: string): PemBlock[] {
  const blocks = text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g)
  return [...blocks].flatMap(([, label = '', inner = '']) => {
    const [body = '', headers = ''] = inner.split(/\r?\n\r?\n/).reverse()
    const base64 = body.replace(/\s/g, '')
    try {
      return [{ label, headers, der: Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)) }]
    } catch {
      return []
    }
  })
}
