/** Which texts name a service, and the form in which two of them are the same name. */

const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;
/** RFC 1123 labels, with the underscore that compose files and service discovery use. */
const NAME = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})?(\.[a-z0-9_]([a-z0-9_-]{0,62})?)*$/;

export function isAddress(text: string): boolean {
  return IPV4.test(text) || (text.includes(':') && /^[0-9a-f:.%]+$/i.test(text));
}

/**
 * The name in a Host header, :authority, DNS answer or server name: lower case, without port, final dot and the suffixes that Kubernetes
 * adds to every name. '' when it names nothing: an address, "localhost", or no host name at all (RFC 9110 §7.2, RFC 3986 §3.2.2).
 */
export function nameOf(authority: string): string {
  if (authority.length === 0 || authority.length > 300) return '';
  let name = authority.toLowerCase();
  const user = name.lastIndexOf('@');
  if (user >= 0) name = name.slice(user + 1);
  if (name.startsWith('[')) return '';
  const colon = name.indexOf(':');
  if (colon >= 0) {
    if (!/^:\d{0,5}$/.test(name.slice(colon))) return '';
    name = name.slice(0, colon);
  }
  if (name.endsWith('.')) name = name.slice(0, -1);
  name = name.replace(/(\.svc\.cluster\.local|\.svc)$/, '');
  if (name === 'localhost' || name.endsWith('.localhost') || IPV4.test(name) || /^\d+$/.test(name) || !NAME.test(name)) return '';
  return name;
}

/** "address:port" as it is shown and as names files write it; an IPv6 address in brackets. Port 0: none. */
export function endpointOf(address: string, port: number): string {
  if (port === 0) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
