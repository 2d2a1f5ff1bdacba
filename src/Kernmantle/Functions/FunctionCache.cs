using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Kernmantle.Functions;

/// <summary>
/// The functions known so far. <see cref="Delegate.Method"/> costs 270 ns and 184 bytes on a fresh capturing delegate, so they are
/// found by the address of the code first. An address belongs to one method for as long as the process lives, except
/// in assemblies that can be unloaded: their functions are only ever found by method, and go when the assembly goes.
/// </summary>
internal static class FunctionCache
{
    /// <summary>Beyond this many, the cache starts anew: a program that makes methods without end must not grow without end by us.</summary>
    private const int Capacity = 16 << 10;

    private static readonly AddressCache ByAddress = new();
    private static readonly ConcurrentDictionary<MethodKey, Function> ByMethod = new();
    private static readonly ConditionalWeakTable<Type, ConcurrentDictionary<MethodKey, Function>> Unloadable = [];

    /// <exception cref="NotPortableException">The function can never cross.</exception>
    public static Function Get(Delegate function, Type delegateType, FunctionShape shape)
    {
        if (!function.HasSingleTarget)
            throw Refusals.Multicast();
        Type? targetType = function.Target?.GetType();
        var key = new AddressKey(DelegateFields.CodeAddress(function), targetType, delegateType, shape.Bits);
        return ByAddress.Find(key) ?? Find(function, key, shape);
    }

    private static Function Find(Delegate function, in AddressKey address, FunctionShape shape)
    {
        MethodInfo method = function.Method;
        var key = new MethodKey(method, address.TargetType, address.DelegateType, address.Shape);
        if (UnloadableType(key) is { } unloadable)
            return Get(Unloadable.GetOrCreateValue(unloadable), key, function, shape);

        Function found = Get(ByMethod, key, function, shape);
        if (address.Code != 0)
            ByAddress.Add(address, found);
        return found;
    }

    private static Function Get(ConcurrentDictionary<MethodKey, Function> functions, MethodKey key, Delegate function, FunctionShape shape)
    {
        if (functions.TryGetValue(key, out Function? known))
            return known;
        var created = new Function(function, key.Method, key.DelegateType, shape);
        if (functions.Count >= Capacity)
            functions.Clear();
        return functions.GetOrAdd(key, created);
    }

    private static Type? UnloadableType(MethodKey key) =>
        key.Method is { IsCollectible: true, DeclaringType: { } declaring } ? declaring
        : key.TargetType is { IsCollectible: true } ? key.TargetType
        : key.DelegateType.IsCollectible ? key.DelegateType
        : null;

    private readonly record struct MethodKey(MethodInfo Method, Type? TargetType, Type DelegateType, byte Shape);
}
