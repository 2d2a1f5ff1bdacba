namespace Kernmantle.Benchmarks.Catalogue;

/// <summary>Groups that belong together, and their goals. Bounds on times are in nanoseconds, on memory in bytes.</summary>
internal sealed record Topic(Group[] Groups, Goal[] Goals);

/// <summary>Everything that is measured. A new topic is a file of its own and a name here.</summary>
internal static class Topics
{
    public static IReadOnlyList<Topic> All { get; } =
    [
        CallTopic.Topic, UserCallTopic.Topic, ThroughputTopic.Topic, PayloadTopic.Topic, GrowthTopic.Topic, LifeTopic.Topic, LockTopic.Topic, ChannelTopic.Topic, PythonTopic.Topic, TelemetryTopic.Topic,
    ];

    public static IReadOnlyList<Group> Groups { get; } = [.. All.SelectMany(static topic => topic.Groups)];

    public static IReadOnlyList<Goal> Goals { get; } = [.. All.SelectMany(static topic => topic.Goals)];

    private static readonly HashSet<(string Group, string Key)> Needed =
    [
        .. Goals.SelectMany(static goal => goal.Peers.Prepend(goal.Ours).Select(key => (goal.Group, key))),
        .. Choices.All.SelectMany(static choice => choice.Cells).Select(static cell => (cell.Group, cell.Key)),
    ];

    /// <summary>
    /// Whether a goal or a row of the README needs it. Such a measure takes its turn in every round; in a quick run the others, which only
    /// tell what else there is, take fewer.
    /// </summary>
    public static bool IsNeeded(Group group, Measure measure) =>
        measure.More.Select(static more => more.Metric).Prepend("").Any(metric => Needed.Contains((group.Name, measure.Key(metric))));
}
