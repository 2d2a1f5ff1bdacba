using System.Text.Json.Serialization;

namespace Kernmantle.Tool.Compare.Model;

/// <summary>Where the calls run; the simplest first: of two that do not differ, the earlier one is recommended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Place>))]
internal enum Place
{
    [JsonStringEnumMemberName("sequential")] Sequential,
    [JsonStringEnumMemberName("event-loop")] EventLoop,
    [JsonStringEnumMemberName("threads")] Threads,
    [JsonStringEnumMemberName("global-lock")] GlobalLock,
    [JsonStringEnumMemberName("processes")] Processes,
}

/// <summary>How a place came through.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PlaceEnd>))]
internal enum PlaceEnd
{
    /// <summary>All rounds were run.</summary>
    [JsonStringEnumMemberName("ran")] Ran,

    /// <summary>The program that the calls ran in is gone.</summary>
    [JsonStringEnumMemberName("ends-program")] EndsProgram,

    /// <summary>A round was not over in its time.</summary>
    [JsonStringEnumMemberName("never-ends")] NeverEnds,
}

/// <summary>Whether a place gives the same results as the first one that ran.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Agreement>))]
internal enum Agreement
{
    [JsonStringEnumMemberName("same")] Same,
    [JsonStringEnumMemberName("differ")] Differ,

    /// <summary>Even one call after the other gives something else each time: there is nothing to compare with.</summary>
    [JsonStringEnumMemberName("vary")] Vary,

    /// <summary>Nothing came back that could be compared.</summary>
    [JsonStringEnumMemberName("not-compared")] NotCompared,
}

internal static class PlaceText
{
    /// <summary>As the first word of a row.</summary>
    public static string Name(this Place place) => place switch
    {
        Place.Sequential => "sequential",
        Place.EventLoop => "event loop",
        Place.Threads => "threads",
        Place.GlobalLock => "global lock",
        _ => "processes",
    };
}
