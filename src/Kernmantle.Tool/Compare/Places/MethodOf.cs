using System.Collections.Concurrent;
using System.Reflection;

namespace Kernmantle.Tool.Compare.Places;

/// <summary>
/// A method of that type, found again where a call runs. Pools take no function that returns a <see cref="ValueTask"/>, and a lambda that calls one
/// cannot capture its delegate, but its number.
/// </summary>
internal static class MethodOf<TDeclaring, TDelegate>
    where TDelegate : Delegate
{
    private static readonly ConcurrentDictionary<int, TDelegate> Known = new();

    public static TDelegate Found(int token) => Known.GetOrAdd(token, static token =>
        ((MethodInfo)typeof(TDeclaring).Module.ResolveMethod(token)!).CreateDelegate<TDelegate>());
}
