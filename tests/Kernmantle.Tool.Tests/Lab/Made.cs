using System.Collections.ObjectModel;
using Kernmantle.Tool.Lab.Gil;
using Kernmantle.Tool.Lab.Gil.Interpreters;
using Kernmantle.Tool.Lab.Ipc;
using Kernmantle.Tool.Lab.Model;
using Kernmantle.Tool.Statistics;

namespace Kernmantle.Tool.Tests.Lab;

/// <summary>Made-up measurements.</summary>
internal static class Made
{
    /// <summary>A figure that varies by 2 % around a value.</summary>
    public static Spread Around(double value) => Spread.Of(value * 0.98, value, value * 1.02);

    /// <summary>A figure that is between half and twice a value.</summary>
    public static Spread Wide(double value) => Spread.Of(value * 0.5, value * 0.6, value, value * 1.8, value * 2);

    /// <summary>Of no size.</summary>
    public static IReadOnlyDictionary<int, Spread> Nothing => ReadOnlyDictionary<int, Spread>.Empty;

    /// <summary>Channels between processes that take so many times as long as the platform's between threads.</summary>
    /// <param name="ratio">How often.</param>
    /// <param name="allRight">Else what came by the file was wrong.</param>
    public static IEnumerable<WayMeasured> Channels(Spread ratio, bool allRight = true) =>
        Enum.GetValues<WireKind>().Where(static kind => kind.IsChannel()).Select(kind =>
        {
            Spread over = kind == WireKind.ThreadChannel ? Around(1) : ratio;
            Dictionary<int, Spread> seconds = new() { [64] = over.Times(1e-6) };
            return new WayMeasured(kind, seconds, seconds, over, allRight || kind != WireKind.FileChannel);
        });

    /// <summary>A place whose 2 and 4 workers are so many times as fast as one.</summary>
    public static PlaceRuns Place(Spread computing, Spread waiting)
    {
        static Dictionary<int, Spread> Of(Spread most) => new() { [1] = Spread.Exactly(1), [2] = most, [4] = most };
        return new(Of(computing), Of(waiting));
    }

    public static PlaceRuns Place(double computing, double waiting) => Place(Around(computing), Around(waiting));

    /// <summary>The Python that is used by itself, with a lock.</summary>
    public static InterpreterMeasured Python(PlaceRuns threads, PlaceRuns processes, PlaceRuns asyncio) => new(
        Places.Python,
        new("cpython", "3.11", HasGlobalLock: true),
        new Dictionary<PythonWay, PlaceRuns> { [PythonWay.Threads] = threads, [PythonWay.Processes] = processes, [PythonWay.Asyncio] = asyncio },
        new Dictionary<PythonWay, string>());

    public static Verdict Of(this IReadOnlyList<Finding> findings, string claim, int index = 0) =>
        findings.Where(finding => finding.Claim == claim).ElementAt(index).Verdict;

    public static string Why(this IReadOnlyList<Finding> findings, string claim, int index = 0) =>
        findings.Where(finding => finding.Claim == claim).ElementAt(index).Why;
}
