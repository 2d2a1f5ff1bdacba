namespace Kernmantle.Host;

/// <summary>Checks of what a process is started with, shared by pools and single workers.</summary>
internal static class ProcessChecks
{
    public static void Validate(Limits? limits, TimeSpan? timeout, long? heapLimit)
    {
        limits?.Validate(timeout);
        if (limits?.MemoryBytes is { } memory && heapLimit >= memory)
            throw new ArgumentException($"Limits.MemoryBytes ({memory}) and ManagedHeapLimitBytes ({heapLimit}) contradict each other: the whole process's limit must be above that of its managed heap, which is a part of it.", nameof(limits));
    }

    public static void Validate(string? workingDirectory, long? heapLimit, IReadOnlyDictionary<string, string?> environment)
    {
        if (workingDirectory is not null && !Directory.Exists(workingDirectory))
            throw new DirectoryNotFoundException($"The worker's working directory does not exist: {workingDirectory}");
        if (heapLimit < ProcessPoolOptions.MinManagedHeapLimitBytes)
        {
            throw new ArgumentOutOfRangeException(
                nameof(heapLimit),
                heapLimit,
                $"A managed heap limit must be at least {ProcessPoolOptions.MinManagedHeapLimitBytes} bytes: the runtime does not start with less.");
        }
        ArgumentNullException.ThrowIfNull(environment);
        foreach ((string name, string? value) in environment)
        {
            if (name.Length == 0 || name.AsSpan().IndexOfAny('=', '\0') >= 0 || value?.Contains('\0') == true)
                throw new ArgumentException($"Not an environment variable: '{name}'. Names are not empty and have no '=' or NUL; values have no NUL.", nameof(environment));
        }
    }
}
