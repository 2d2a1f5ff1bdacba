using System.Text.Json;
using Kernmantle.Api.Inspection;

namespace Kernmantle;

/// <summary>What the pools of one program do at one moment, as <see cref="Inspector.Take"/> found it. Immutable. Its JSON is what the dashboard and <c>kern top</c> read.</summary>
public sealed class ProgramSnapshot
{
    /// <summary>When it was taken.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>The name of the program.</summary>
    public string Program { get; init; } = "";

    /// <summary>The id of its process.</summary>
    public int ProcessId { get; init; }

    /// <summary>The pools that have not ended, in the order in which they were made. Workers that are handles of their own (<see cref="Worker"/>) are in none.</summary>
    public IReadOnlyList<PoolSnapshot> Pools { get; init; } = [];

    /// <summary>The calls that have run longest of those that run now, of all pools: at most 50, the longest first.</summary>
    public IReadOnlyList<CallSnapshot> Running { get; init; } = [];

    /// <summary>The last ends of workers that nobody had planned, at most 50, the latest first: those since it was switched on.</summary>
    public IReadOnlyList<DeathSnapshot> Deaths { get; init; } = [];

    /// <summary>Records of the log, at most the latest 2000, oldest first: those since it was switched on, and after the one that was named.</summary>
    public IReadOnlyList<LogSnapshot> Log { get; init; } = [];

    /// <summary>As JSON in UTF-8, in one line; names in camel case, durations in seconds.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, SnapshotJson.Default.ProgramSnapshot);

    /// <summary>What <see cref="ToJson"/> wrote, also by a later version: what is not known is passed over.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static ProgramSnapshot FromJson(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, SnapshotJson.Default.ProgramSnapshot) ?? throw new FormatException("It is no snapshot of a program: null.");
        }
        catch (JsonException e)
        {
            throw new FormatException($"It is no snapshot of a program: {e.Message}", e);
        }
    }
}
