using System.Runtime.InteropServices;

namespace Kernmantle.SharedState;

/// <summary>
/// Finds who waits for each other in a circle: a depth-first search that follows each wait once and has its path on the heap. The words that it comes from may hold anything, so whatever they say costs time and memory in
/// proportion to their number only. Of circles that have waits in common it finds some; the others are found at a later look, when those are broken.
/// </summary>
internal static class WaitCircles
{
    /// <summary>Circles that are closed by waits for the same thing, at one look.</summary>
    private const int MostOfOne = 4;

    /// <summary>In a circle; longer ones are no circle of threads that somebody has written.</summary>
    private const int MostWaits = 64;

    private const int Left = -1;

    /// <summary>The circles, each by a key that is the same at every look.</summary>
    public static Dictionary<string, List<Wait>> Find(IEnumerable<Wait> waits)
    {
        Dictionary<long, List<Wait>> all = [];
        foreach (Wait wait in waits)
            (CollectionsMarshal.GetValueRefOrAddDefault(all, wait.Sleeper, out _) ??= []).Add(wait);
        Dictionary<string, List<Wait>> circles = [];
        Dictionary<(char, long), int> closed = [];
        Dictionary<long, int> places = [];   // of who is on the path: where; of others that were come to: left
        List<Wait> path = [];                // from each but the last one that is on it, to the next
        Stack<(long Name, List<Wait> Waits, int Next)> open = [];
        foreach ((long start, List<Wait> first) in all)
        {
            if (places.TryAdd(start, 0))
                open.Push((start, first, 0));
            while (open.TryPop(out (long Name, List<Wait> Waits, int Next) at))
            {
                if (at.Next == at.Waits.Count)
                {
                    places[at.Name] = Left;
                    if (path.Count > 0)
                        path.RemoveAt(path.Count - 1);
                    continue;
                }
                Wait wait = at.Waits[at.Next];
                open.Push(at with { Next = at.Next + 1 });
                if (places.TryGetValue(wait.Owner, out int place))
                {
                    if (place != Left)
                        Close(place, wait);
                }
                else if (all.TryGetValue(wait.Owner, out List<Wait>? further))
                {
                    path.Add(wait);
                    places.Add(wait.Owner, path.Count);
                    open.Push((wait.Owner, further, 0));
                }
            }
        }
        return circles;

        void Close(int place, Wait last)
        {
            ref int ofThis = ref CollectionsMarshal.GetValueRefOrAddDefault(closed, (last.Key.Kind, last.Key.What), out _);
            if (path.Count - place >= MostWaits || ofThis == MostOfOne)
                return;
            ofThis++;
            List<Wait> circle = [.. path[place..], last];
            circles.TryAdd(string.Join(' ', circle.Select(static w => w.Key).Order()), circle);
        }
    }
}
