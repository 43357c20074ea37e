/**
 * A strict reader for the XML that a reporter may write.
 *
 * @module
 */

export interface XmlNode {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlNode[];
  text: string;
}

/** Throws on anything that is not well-formed, and on much that is but is never written. */
export function parseXml(source: string): XmlNode {
  const root: XmlNode = { name: '', attributes: {}, children: [], text: '' };
  const open: XmlNode[] = [root];
  const token = /<\?xml [^?]*\?>|<(\/?)([a-z-]+)((?: [A-Za-z]+="[^"<]*")*)(\/?)>|([^<]+)/gy;
  let at = 0;
  for (let match = token.exec(source); match !== null; match = token.exec(source)) {
    at = token.lastIndex;
    const [, closing, name, attributes = '', empty, text] = match;
    const parent = open.at(-1) as XmlNode;
    if (text !== undefined) parent.text += decode(text);
    else if (name === undefined) continue;
    else if (closing === '/') {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes something else`);
    } else {
      const pairs = [...attributes.matchAll(/ ([A-Za-z]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, decode(value)] as const);
      if (new Set(pairs.map(([key]) => key)).size !== pairs.length) throw new Error(`<${name}> has an attribute twice`);
      const node: XmlNode = { name, attributes: Object.fromEntries(pairs), children: [], text: '' };
      parent.children.push(node);
      if (empty !== '/') open.push(node);
    }
  }
  if (at !== source.length || open.length !== 1) throw new Error(`not well-formed at ${at}: ${source.slice(at, at + 40)}`);
  return root.children[0] as XmlNode;
}

function decode(text: string): string {
  if (/&(?!amp;|lt;|gt;|quot;|#13;)/.test(text) || text.includes(']]>')) throw new Error(`bare & or ]]> in ${text}`);
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#13;', '\r').replaceAll('&amp;', '&');
}
