using System.Runtime.CompilerServices;

namespace Kernmantle.Hosting.Configuration;

/// <summary>Options are immutable: what differs is set in a copy, before anybody sees it.</summary>
internal static class OptionsCopy
{
    public static T Of<T>(T options)
        where T : class => (T)Clone(options);

    public static void Set(object copy, string property, object? value) => copy.GetType().GetProperty(property)!.SetValue(copy, value);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "MemberwiseClone")]
    private static extern object Clone(object options);
}
