import { BlockList, isIP } from 'node:net';

/**
 * Whether `NO_PROXY` lets requests to an address go past all proxies, as curl (https://curl.se/docs/manpage.html#NOPROXY),
 * Git, Go's and Python's programs read it: names, which stand for what is below them, too, with or without a dot or `*.`
 * in front; addresses of IP, and networks of them (`10.0.0.0/8`); each perhaps with a port; `*` for everything.
 *
 * @param list What the variable holds; what in it is none of those stands for nothing.
 */
export function goesPastProxies(url: URL, list: string): boolean {
  const host = bare(url.hostname);
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      const [name, onlyPort] = parted(entry);
      return (onlyPort === undefined || onlyPort === port) && isMeant(host, name);
    });
}

/** An entry's host or network, and its port. The colons of an IPv6 address without brackets are its own. */
function parted(entry: string): readonly [name: string, port: string | undefined] {
  if (isIP(entry.replace(/\/\d+$/, '')) === 6) return [entry, undefined];
  const [, name = entry, port] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  return [name, port];
}

function isMeant(host: string, entry: string): boolean {
  if (entry === '*') return true;
  const [network = '', bits] = entry.split('/', 2);
  const address = bare(network);
  if (isIP(address) > 0) return isIn(host, address, bits);
  const name = address.replace(/^\*?\./, '');
  return name !== '' && isIP(host) === 0 && (host === name || host.endsWith(`.${name}`));
}

/** Whether a host is an address of a network; of one without `bits`, that address itself, however it is written. */
function isIn(host: string, address: string, bits: string | undefined): boolean {
  const family = familyOf(address);
  if (isIP(host) !== isIP(address) || (bits !== undefined && !/^\d{1,3}$/.test(bits))) return false;
  const most = family === 'ipv4' ? 32 : 128;
  if (Number(bits ?? most) > most) return false;
  const network = new BlockList();
  network.addSubnet(address, Number(bits ?? most), family);
  return network.check(host, family);
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 4 ? 'ipv4' : 'ipv6';
}

/** A host without the brackets of an IPv6 address, and without the dot that may end a whole name. */
function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}
