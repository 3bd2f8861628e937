/** Results of something done several times, one after another. */
export async function repeat(times, act) {
  const results = [];
  for (let i = 0; i < times; i++) results.push(await act(i));
  return results;
}
