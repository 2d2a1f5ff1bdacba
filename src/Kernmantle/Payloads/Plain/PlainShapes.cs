using System.Reflection;
using System.Runtime.CompilerServices;
using Kernmantle.Payloads.Objects;
using Kernmantle.Payloads.Preflight;

namespace Kernmantle.Payloads.Plain;

/// <summary>
/// Which types have a <see cref="PlainShape"/>: strings, bits, shared memory, arrays, lists and dictionaries of what has one, and records, tuples, classes and
/// structs of such members whose accessors are the compiler's and whose one constructor takes members by name. All others, and what is
/// reached twice, go through the serializer. The types have passed the preflight, here or in the host.
/// </summary>
internal static class PlainShapes
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly string[] Serializers = ["PolyType", "Nerdbank.MessagePack"];

    /// <summary>Null: it has none.</summary>
    public static PlainShape? Of(Type type) => Of(type, []);

    private static PlainShape? Of(Type type, Stack<Type> under)
    {
        if (type == typeof(string))
            return new PlainText();
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Of(underlying, under) is { } inner ? new PlainNullable(inner) : null;
        if (Bits.IsPortable(type))
            return PlainBits.Of(type);
        if (Codecs.IsShared(type))
            return PlainShared.Of(type);
        if (under.Contains(type))
            return null;   // it contains itself: the serializer minds the depth
        under.Push(type);
        try
        {
            return type.IsSZArray ? OfArray(type.GetElementType()!, under)
                : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(List<>) ? Of(type.GetGenericArguments()[0], under) is { } item ? new PlainList(type, item) : null
                : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Dictionary<,>) ? OfDictionary(type, under)
                : OfObject(type, under);
        }
        finally
        {
            under.Pop();
        }
    }

    private static PlainShape? OfArray(Type item, Stack<Type> under) => Bits.MayRun(item) ? new PlainRun(item)
        : Of(item, under) is { } shape ? new PlainArray(item, shape)
        : null;

    private static PlainDictionary? OfDictionary(Type type, Stack<Type> under)
    {
        Type[] parts = type.GetGenericArguments();
        return Of(parts[0], under) is { } key && Of(parts[1], under) is { } item ? new(type, key, item) : null;
    }

    private static PlainObject? OfObject(Type type, Stack<Type> under)
    {
        bool isPlatform = PortableTypes.IsPlatform(type);
        if (type.IsAbstract || (isPlatform && !IsPair(type)) || (!isPlatform && IsAnnotated(type)))
            return null;
        ConstructorInfo[] constructors = type.GetConstructors(BindingFlags.Instance | BindingFlags.Public);
        if (constructors.Length > 1 || (constructors.Length == 0 && !type.IsValueType))
            return null;   // the serializer knows which one it takes
        List<PlainObject.Member> members = [];
        foreach (FieldInfo field in GuardedMember.FieldsOf(type))
        {
            if (NameOf(field, isPlatform) is not { } name || Of(field.FieldType, under) is not { } shape)
                return null;
            members.Add(new(field, shape, name));
        }
        ConstructorInfo? constructor = constructors.Length == 0 ? null : constructors[0];
        ParameterInfo[] taken = constructor?.GetParameters() ?? [];
        var parameters = new int[taken.Length];
        for (int i = 0; i < taken.Length; i++)
        {
            string? name = taken[i].Name;
            parameters[i] = members.FindIndex(m => !m.IsTaken && string.Equals(m.Name, name, StringComparison.OrdinalIgnoreCase));
            if (parameters[i] < 0 || members[parameters[i]].Field.FieldType != taken[i].ParameterType)
                return null;
            members[parameters[i]].IsTaken = true;
        }
        bool areAllTaken = taken.Length == members.Count;
        bool isComplete = areAllTaken || (!(type.IsValueType && constructor is not null) && members.TrueForAll(static m => m.IsTaken || IsSettable(m.Field, m.Name)));
        return isComplete ? new(type, [.. members], constructor, parameters) : null;
    }

    private static bool IsPair(Type type) => type.IsGenericType && (type.IsAssignableTo(typeof(ITuple)) || type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>));

    /// <summary>The name of the member that the field stands for; null where code of the program's lies between the two.</summary>
    private static string? NameOf(FieldInfo field, bool isPlatform)
    {
        if (isPlatform)
            return field.Name.StartsWith("m_", StringComparison.Ordinal) ? field.Name[2..] : field.Name;   // Tuple, ValueTuple, KeyValuePair
        if (field.IsPublic)
            return field.Name;
        if (!field.Name.StartsWith('<') || field.Name.IndexOf('>') is not (> 1 and int end))
            return null;
        string name = field.Name[1..end];
        bool isAnonymous = field.Name.EndsWith(">i__Field", StringComparison.Ordinal);
        return isAnonymous || (field.DeclaringType!.GetProperty(name, Declared)?.GetMethod is { IsPublic: true } getter && IsCompilers(getter)) ? name : null;
    }

    private static bool IsSettable(FieldInfo field, string name) => field.IsPublic
        ? !field.IsInitOnly
        : field.DeclaringType!.GetProperty(name, Declared)?.SetMethod is { IsPublic: true } setter && IsCompilers(setter);

    /// <summary>An accessor without a body in the source: it does nothing but read, or write, its field.</summary>
    private static bool IsCompilers(MethodInfo accessor) => !accessor.IsVirtual && accessor.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);

    /// <summary>Whether the program has said by attributes how the serializer is to treat the type. Read only where it could have: attributes are slow to read.</summary>
    private static bool IsAnnotated(Type type)
    {
        for (Type? each = type; each is not null && each != typeof(object) && each != typeof(ValueType); each = each.BaseType)
        {
            if (Array.Exists(each.Assembly.GetReferencedAssemblies(), static a => Array.IndexOf(Serializers, a.Name) >= 0)
                && (IsSerializers(each.Assembly.CustomAttributes) || IsSerializers(each.CustomAttributes) || Array.Exists(each.GetMembers(Declared), IsAnnotated)))
            {
                return true;
            }
        }
        return false;
    }

    private static bool IsAnnotated(MemberInfo member) =>
        IsSerializers(member.CustomAttributes) || (member is ConstructorInfo constructor && Array.Exists(constructor.GetParameters(), static p => IsSerializers(p.CustomAttributes)));

    private static bool IsSerializers(IEnumerable<CustomAttributeData> attributes) =>
        attributes.Any(static a => Array.IndexOf(Serializers, a.AttributeType.Assembly.GetName().Name) >= 0);
}
