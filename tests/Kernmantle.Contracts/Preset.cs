namespace Kernmantle.Contracts;

/// <summary>Options are set where they are made. A test's own are set by it, and what all tests of a class need is set here, afterwards.</summary>
public static class Preset
{
    public static T Setting<T>(this T options, string property, object? value)
        where T : WorkerPoolOptions
    {
        typeof(T).GetProperty(property)!.SetValue(options, value);
        return options;
    }
}
