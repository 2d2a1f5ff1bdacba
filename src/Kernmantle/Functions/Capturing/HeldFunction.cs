namespace Kernmantle.Functions.Capturing;

/// <summary>A function of the user's that one of the library captures, to call it where it runs itself. Of the program's own variables, none that is a delegate crosses.</summary>
internal sealed class HeldFunction<T>
{
    private HeldFunction(Func<T, T> function) => Call = function;

    public Func<T, T> Call { get; }

    public static HeldFunction<T> Of(Func<T, T> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return new(function);
    }
}
