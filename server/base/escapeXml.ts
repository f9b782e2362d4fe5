/** Text as it stands in XML, between tags or in an attribute. Pure. */

export function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (each) => `&#${each.charCodeAt(0)};`);
}
