/** `/1.0/events` without an upgrade; the WebSocket itself is served by `listen`. */
export function refuseEvents(): Response {
  return new Response('Bad Request\n', {
    status: 400,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
  })
}
