using System.Globalization;

namespace Kernmantle.Wire.Start;

/// <summary>How deep this process is below the program that a user started: the guard against a program that starts itself without end.</summary>
internal static class SpawnDepth
{
    /// <summary>Read once: what the program does to its environment later does not change where it is.</summary>
    public static int Current { get; } = Parse(Environment.GetEnvironmentVariable(LaunchVariables.Depth));

    /// <summary>A value that nobody of ours wrote counts as very deep: refusing is safe, guessing is not.</summary>
    public static int Parse(string? text) =>
        string.IsNullOrEmpty(text) ? 0
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int depth) ? depth
        : int.MaxValue - 1;

    /// <exception cref="InvalidOperationException">This process is at the limit.</exception>
    public static void Check(int current, int maxDepth)
    {
        if (current < maxDepth)
            return;
        throw new InvalidOperationException(string.Create(
            CultureInfo.InvariantCulture,
            $"This process is itself a worker, {current} deep ({LaunchVariables.Depth}), and worker processes may nest {maxDepth} deep. Move the pool out of the worker, use threads there, or raise {nameof(ProcessPoolOptions)}.{nameof(ProcessPoolOptions.MaxDepth)}."));
    }
}
