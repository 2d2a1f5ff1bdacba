using System.Reflection;

namespace Kernmantle.Python.Values;

/// <summary>Types that mean something only in this process, with what to pass instead.</summary>
internal static class RefusedTypes
{
    private const string OptionsRemedy = "Options go behind the arguments: function, PythonArguments.Of(1, 2), options. Among them they would arrive in Python and have no effect.";

    private static readonly (Type Type, string Remedy)[] Table =
    [
        (typeof(Stream), "Pass its bytes, or the path of a file."),
        (typeof(TextReader), "Pass its text, or the path of a file."),
        (typeof(TextWriter), "Return the text instead."),
        (typeof(Task), "Await it first, and pass its result."),
        (typeof(ValueTask), "Await it first."),
        (typeof(Exception), "Pass its message, or what the other side needs to know of it."),
        (typeof(MemberInfo), "Pass its name."),
        (typeof(Assembly), "Pass its name."),
        (typeof(Uri), "Pass its OriginalString."),
        (typeof(FileSystemInfo), "Pass its FullName."),
        (typeof(nint), "Memory has other addresses there: pass the number as long, or the data."),
        (typeof(nuint), "Memory has other addresses there: pass the number as ulong, or the data."),
        (typeof(CallOptions), OptionsRemedy),
        (typeof(PythonArguments), "Pass them by themselves, with all arguments in them: function, PythonArguments.Of(1, 2).With(\"name\", 3)."),
        (typeof(CancellationToken), "Pass it to the call itself, not as an argument."),
        (typeof(CancellationTokenSource), "Pass its token to the call itself."),
        (typeof(System.Runtime.InteropServices.SafeHandle), "A handle means nothing in another process: pass a path."),
        (typeof(WaitHandle), "Use a SharedEvent, a SharedSemaphore or a SharedLock."),
        (typeof(Thread), "Threads do not cross."),
        (typeof(System.Linq.Expressions.Expression), "Pass Python source instead, to EvalAsync."),
        (typeof(System.Runtime.CompilerServices.ITuple), "Pass a generic tuple of at least one item."),
    ];

    /// <summary>Null for a type that may cross.</summary>
    public static string? Remedy(Type type)
    {
        foreach ((Type refused, string remedy) in Table)
        {
            if (type.IsAssignableTo(refused) && !(refused == typeof(System.Runtime.CompilerServices.ITuple) && type.IsGenericType))
                return remedy;
        }
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueTask<>))
            return "Await it first, and pass its result.";
        if (Array.Exists(type.GetInterfaces(), static i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>)) || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>)))
            return "Collect its items first, and pass a list, or write them into a Channel<T>.";
        return Array.Exists(type.GetInterfaces(), static i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IProgress<>)) ? "It takes several types of reports: pass one for each." : null;
    }
}
