using System.Text;
using Kernmantle.Benchmarks.Catalogue;

namespace Kernmantle.Benchmarks;

/// <summary>What <c>--list</c> prints: each group with what it measures, and its goals.</summary>
internal static class Listing
{
    public static string Text()
    {
        var text = new StringBuilder();
        foreach (Group group in Topics.Groups)
        {
            text.Append(group.Name).Append(": ").Append(group.Title).Append('\n');
            foreach (Measure measure in group.Measures)
                text.Append("  ").Append(measure.Key().PadRight(34)).Append(measure.Title).Append(measure.Nightly ? " (nightly)" : "").Append('\n');
            foreach (Goal goal in Topics.Goals.Where(goal => goal.Group == group.Name))
                text.Append("  goal: ").Append(goal.Name).Append(goal.Peers.Length == 0 ? "" : $", beside {string.Join(" or ", goal.Peers)}").Append('\n');
        }
        return text.ToString();
    }
}
